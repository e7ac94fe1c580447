"""Questions that found no answer, brought together by what they are about: pure, on vectors and words."""
