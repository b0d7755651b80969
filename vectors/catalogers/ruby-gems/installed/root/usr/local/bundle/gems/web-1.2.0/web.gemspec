Gem::Specification.new do |s|
  s.name = "web"
  s.version = "9"
end
