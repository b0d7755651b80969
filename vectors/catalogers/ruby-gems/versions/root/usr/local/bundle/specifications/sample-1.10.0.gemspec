# -*- encoding: utf-8 -*-
Gem::Specification.new do |s|
  s.name = "sample".freeze
  s.version = "1.10.0"
end
