this is no module
