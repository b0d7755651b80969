# -*- encoding: utf-8 -*-
Gem::Specification.new do |s|
  s.name = "sample".freeze
  s.version = "2.0.0.rc1"
end
