provider "registry.terraform.io/hashicorp/none" {
  constraints = "~> 1.0"
}

provider "registry.terraform.io/hashicorp/random" {
  version = "3.6.3"
