-- package = "commented"
rockspec_format = "3.0"
package = "cart"
version = "2.1.0-1"
source = {
   url = "git+https://git.corp.example/cart.git",
   tag = "v2.1.0",
}
description = {
   summary = "Counts what is bought",
   detailed = [[
      Counts what is bought.
   ]],
   homepage = "https://cart.corp.example/",
   license = "MIT/X11",
}
dependencies = {
   "lua >= 5.1, < 5.5",
   "lpeg ~> 1.0",
}
build = {
   type = "builtin",
   modules = { cart = "cart.lua" },
}
