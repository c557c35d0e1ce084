"""`neopixel` as MicroPython has it: a row of WS2812 pixels on a pin."""


class NeoPixel:
    ORDER = (1, 0, 2, 3)  # green first on the wire

    def __init__(self, pin, n, bpp=3, timing=1):
        self.pin = pin
        self.n = n
        self.bpp = bpp
        self.buf = bytearray(n * bpp)

    def __len__(self):
        return self.n

    def __setitem__(self, i, colour):
        for part in range(self.bpp):
            self.buf[i * self.bpp + self.ORDER[part]] = colour[part]

    def __getitem__(self, i):
        return tuple([self.buf[i * self.bpp + self.ORDER[part]] for part in range(self.bpp)])

    def fill(self, colour):
        for i in range(self.n):
            self[i] = colour

    def write(self):
        self.pin._net.show(self.buf)
