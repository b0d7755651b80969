module example.com/shop // the module itself

go 1.22

toolchain go1.22.5

require (
	example.com/cart/v2 v2.1.0
	example.com/local v1.0.0
	example.com/replaced v1.0.0 // indirect
)

require example.com/plain v0.0.0-20200101000000-0123456789ab // indirect

replace example.com/local => ../local

replace example.com/replaced v1.0.0 => example.com/fork v1.0.1

exclude example.com/plain v1.0.0
