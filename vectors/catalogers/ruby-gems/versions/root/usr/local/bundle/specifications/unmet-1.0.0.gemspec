# -*- encoding: utf-8 -*-
Gem::Specification.new do |s|
  s.name = "unmet".freeze
  s.version = "1.0.0"
  s.add_dependency(%q<sample>.freeze, ["> 2"])
end
