# This file is maintained automatically by "terraform init".
# Manual edits may be lost in future updates.

provider "registry.terraform.io/hashicorp/aws" {
  version     = "5.72.1"
  constraints = "~> 5.0, >= 5.31.0"
  hashes = [
    "h1:jhd5O5o0CfZCNEwwN0EiDAzb7ApuFrtxJqa6HXW4EKE=",
    "zh:0dea6843836e926d33469b48b948744079023816d16a2ff7666bcfb6aa3522d4",
    "zh:195fa9513f75800a0d62797ebec75ee73e9b8c28d713fe9b63d3b1d1eec129b3",
  ]
}

provider "registry.opentofu.org/corp/cart" {
  version = "0.4.0"
  hashes = [
    "zh:1ed92f1ca2e9ad3d9b1a3c7a6c3b9bd7f66d4d5eb9b0f2c5d8cb8d3e3a2d4f10",
  ]
}
