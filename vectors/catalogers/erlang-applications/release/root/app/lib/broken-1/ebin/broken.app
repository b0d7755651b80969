[not, an, application].
