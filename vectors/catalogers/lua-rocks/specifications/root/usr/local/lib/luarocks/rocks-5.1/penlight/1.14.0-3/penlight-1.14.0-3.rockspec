package = "penlight"
version = "1.14.0-3"
description = {
  license = "MIT <http://opensource.org/licenses/MIT>",
}
dependencies = {
  "lua >= 5.1",
  "corp/lpeg >= 1",
}
