from conan import ConanFile


class Shop(ConanFile):
    name = "shop"
    version = "1.0/not a requirement"
    requires = "cart/2.1.0", 'tiny/0.1'
    tool_requires = [
        "builder/3.22.6",
        # "old/1.0",
        "ranged/[~1]",
    ]

    def requirements(self):
        self.requires("deep/1.4.2@corp/stable", headers=True)
        self.requires(f"computed/{self.version}")
        self.output.info("see docs/1")

    def build_requirements(self):
        self.test_requires('checker/1.14.0')
