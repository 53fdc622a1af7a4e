"""The page on which one turns the knobs of a county and sees what follows: `run_sim.py lab`, extra `lab`.

`state` is what the knobs say, as text; `computing` asks the studies and tells what they found in plain rows;
`crew` runs it in processes that can be called off; `screen` and `server` show it in a browser. Nothing but `screen`
and `server` knows NiceGUI.
"""
