"""Every shape and type that a signature of the package states is checked while the tests run."""

from jaxtyping import install_import_hook

hook = install_import_hook("nanochat", "typechecker.check")
