"""First code after every reset. Nothing may be added above outputs_safe()."""

import safe

safe.outputs_safe()
