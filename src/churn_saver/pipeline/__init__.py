"""From a downloaded file to checked splits with a manifest, one recipe for each public data set."""
