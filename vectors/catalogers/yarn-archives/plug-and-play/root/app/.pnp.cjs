#!/usr/bin/env node
"use strict";

const RAW_RUNTIME_STATE =
'{\
  "__info": [\
    "x"\
  ],\
  "dependencyTreeRoots": [\
    {\
      "name": "app",\
      "reference": "workspace:."\
    }\
  ],\
  "packageRegistryData": [\
    [\
      null,\
      [\
        [\
          null,\
          {\
            "packageLocation": "./",\
            "packageDependencies": [\
              [\
                "leaf",\
                "npm:1.0.0"\
              ]\
            ],\
            "linkType": "SOFT"\
          }\
        ]\
      ]\
    ],\
    [\
      "app",\
      [\
        [\
          "workspace:.",\
          {\
            "packageLocation": "./",\
            "packageDependencies": [\
              [\
                "leaf",\
                "npm:1.0.0"\
              ]\
            ],\
            "linkType": "SOFT"\
          }\
        ]\
      ]\
    ],\
    [\
      "leaf",\
      [\
        [\
          "npm:1.0.0",\
          {\
            "packageLocation": "./.yarn/cache/leaf-npm-1.0.0-0123456789-abcdef.zip/node_modules/leaf/",\
            "packageDependencies": [\
              [\
                "leaf",\
                "npm:1.0.0"\
              ]\
            ],\
            "linkType": "HARD"\
          }\
        ],\
        [\
          "npm:2.1.0",\
          {\
            "packageLocation": "./.yarn/cache/leaf-npm-2.1.0-1123456789-abcdef.zip/node_modules/leaf/",\
            "packageDependencies": [\
              [\
                "leaf",\
                "npm:2.1.0"\
              ]\
            ],\
            "linkType": "HARD"\
          }\
        ]\
      ]\
    ],\
    [\
      "@scope/deep",\
      [\
        [\
          "npm:3.2.1",\
          {\
            "packageLocation": "../root/.yarn/berry/cache/@scope-deep-npm-3.2.1-2123456789-10.zip/node_modules/@scope/deep/",\
            "packageDependencies": [\
              [\
                "@scope/deep",\
                "npm:3.2.1"\
              ],\
              [\
                "leaf",\
                "npm:2.1.0"\
              ],\
              [\
                "old",\
                [\
                  "leaf",\
                  "npm:1.0.0"\
                ]\
              ],\
              [\
                "absent",\
                null\
              ]\
            ],\
            "linkType": "HARD"\
          }\
        ]\
      ]\
    ],\
    [\
      "plugin",\
      [\
        [\
          "npm:4.0.0",\
          {\
            "packageLocation": "./.yarn/cache/plugin-npm-4.0.0-3123456789-abcdef.zip/node_modules/plugin/",\
            "packageDependencies": [\
              [\
                "leaf",\
                null\
              ]\
            ],\
            "linkType": "SOFT"\
          }\
        ],\
        [\
          "virtual:aa#npm:4.0.0",\
          {\
            "packageLocation": "./.yarn/__virtual__/plugin-virtual-aa/0/cache/plugin-npm-4.0.0-3123456789-abcdef.zip/node_modules/plugin/",\
            "packageDependencies": [\
              [\
                "leaf",\
                "npm:1.0.0"\
              ],\
              [\
                "plugin",\
                "virtual:aa#npm:4.0.0"\
              ]\
            ],\
            "linkType": "HARD"\
          }\
        ]\
      ]\
    ]\
  ]\
}';

function $$SETUP_STATE() {}
