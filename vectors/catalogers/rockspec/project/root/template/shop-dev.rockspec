local name = "shop"
package = "shop"
version = "0.1" .. "-1"
