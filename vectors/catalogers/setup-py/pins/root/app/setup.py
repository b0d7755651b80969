from setuptools import setup
setup(
    name="shop",
    install_requires=[
        "cart==2.1.0",
        'tiny==1.0;python_version<"3.6"',
        # "commented==1.0",
        "ranged>=1.0",
        "computed=={}".format(version),
    ],
)

"""
described==1.0
"""

MORE = """shelf==3.1
  box==0.4
""".split()
