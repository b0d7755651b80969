# -*- encoding: utf-8 -*-
# stub: rack 3.0.8 ruby lib

Gem::Specification.new do |s|
  s.name = "rack".freeze
  s.version = "3.0.8"

  s.authors = ["First \"Quoted\" Author".freeze, "Second".freeze]
  s.homepage = "https://example.com/rack".freeze
  s.licenses = ["MIT".freeze]
  s.summary = "A summary".freeze
end
