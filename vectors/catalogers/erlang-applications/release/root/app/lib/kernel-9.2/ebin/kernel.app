{application,kernel,[{description,"ERTS  CXC 138 10"},{vsn,"9.2"},{applications,[]}]}.
