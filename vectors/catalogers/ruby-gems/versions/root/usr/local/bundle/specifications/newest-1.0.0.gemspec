# -*- encoding: utf-8 -*-
Gem::Specification.new do |s|
  s.name = "newest".freeze
  s.version = "1.0.0"
  s.add_runtime_dependency(%q<sample>.freeze, [">= 1.0", "!= 1.9"])
end
