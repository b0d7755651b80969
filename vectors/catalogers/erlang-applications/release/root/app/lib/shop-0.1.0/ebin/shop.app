{application,shop,
             [{modules,['Elixir.Shop']},
              {optional_applications,[]},
              {applications,[kernel,stdlib,elixir,jason,'no.such']},
              {description,"shop"},
              {registered,[]},
              {vsn,"0.1.0"}]}.
