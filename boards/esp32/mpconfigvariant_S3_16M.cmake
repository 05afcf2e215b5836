# mpconfigboard.cmake sees to everything that differs; the build wants this file to be there.
