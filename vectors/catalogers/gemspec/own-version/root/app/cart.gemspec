# frozen_string_literal: true
VERSION = "2.1.0".freeze
Gem::Specification.new do |spec|
  spec.name = 'cart'
  spec.version = VERSION
  spec.license = "MIT"
  spec.summary = %q{A cart}
end
