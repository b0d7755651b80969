# -*- encoding: utf-8 -*-
Gem::Specification.new do |s|
  s.name = "held-back".freeze
  s.version = "1.0.0"
  if s.respond_to? :add_runtime_dependency then
    s.add_runtime_dependency(%q<sample>.freeze, ["~> 1.4.0"])
    s.add_development_dependency(%q<newest>.freeze, [">= 0"])
  else
    s.add_dependency(%q<sample>.freeze, ["~> 1.4.0"])
    s.add_dependency(%q<newest>.freeze, [">= 0"])
  end
end
