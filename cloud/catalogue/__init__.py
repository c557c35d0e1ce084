"""The electronic catalogue (电子目录): parts and what they fit, found by whatever somebody reads out."""
