"""What every figure is laid out with: its sheet, its texts and colours, and the limits on them."""
