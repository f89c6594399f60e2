"""The pages of the window; `voxelle.ui.window` lists them."""
