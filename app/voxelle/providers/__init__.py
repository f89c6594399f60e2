"""Engines that fulfil the contracts, one file each; what they share beside a contract lies here."""
