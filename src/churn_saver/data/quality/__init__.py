"""Is a data set what it should be: profile, drift, checks of rows and splits."""
