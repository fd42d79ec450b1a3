"""Is the check right: the engine, every exercise's mistakes, and right and wrong answers written independently?"""
