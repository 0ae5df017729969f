"""Published statistical methods on whole columns of numbers; knows nothing of commissioning."""
