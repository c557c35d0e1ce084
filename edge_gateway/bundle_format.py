"""What a bundle of controller firmware is, byte by byte: read by the cloud, the gateway and whoever makes one.

    magic      8 bytes   "PBFW\\x00\\x00\\x00\\x01"
    length     4 bytes   of the header, big endian
    header     JSON      one object in the order of `BundleHeader`, UTF-8, at most 2 KB
    signature  384 bytes of magic, length and header, by the release key (RSA-3072, PKCS #1 v1.5, SHA-256)
    image      bytes     a ROMFS image of the compiled firmware, `image_bytes` long

The header names the image by its SHA-256, so that one signature stands for all; controllers check it by themselves
(`firmware/cabinet/bundle.py`), and everybody on the way may. Pure; imported by cloud and gateway.
"""
