Gem::Specification.new do |s|
  s.name = "web".freeze
  s.version = Gem::Version.new("1.2.0")
  s.platform = "x86_64-linux".freeze
  s.license = "Ruby"
  if s.respond_to? :add_runtime_dependency then
    s.add_runtime_dependency(%q<rack>.freeze, [">= 3"])
    s.add_runtime_dependency(%q<json>.freeze, [">= 0"])
    s.add_development_dependency(%q<other>.freeze, [">= 0"])
  else
    s.add_dependency(%q<rack>.freeze, [">= 3"])
    s.add_dependency(%q<other>.freeze, [">= 0"])
  end
end
