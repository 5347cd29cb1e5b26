"""Power cuts: the station's own code on real littlefs and on the real image, cut at any flash
operation.
"""
