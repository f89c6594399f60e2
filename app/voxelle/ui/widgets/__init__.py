"""Controls of the window, painted and laid out on the theme's tokens."""
