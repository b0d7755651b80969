Gem::Specification.new do |s|
  s.name = "json".freeze
  s.version = "2.7.1"
end
