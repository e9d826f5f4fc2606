"""The console command ``gvseg``; options are read before any large library is imported."""
