"""The exercises of the chapters: one module a chapter, `ch01`, each with its `EXERCISES`."""
