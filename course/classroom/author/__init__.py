"""For the author: a lesson file becomes two notebooks; how well each exercise is checked."""
