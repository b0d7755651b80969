require_relative "lib/other/version"
Gem::Specification.new do |spec|
  spec.name = "other"
  spec.version = Other::VERSION
end
