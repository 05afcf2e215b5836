"""The car's inputs by name: short for a line, and as COVESA VSS 6.0 or our overlay calls them."""

#: In the order of `firmware.wire.codes`.
NAMES = (
    "driver's door",
    "passenger's door",
    "rear left door",
    "rear right door",
    "trunk",
    "key",
    "knob at return",
    "engine",
    "moving",
    "parking brake",
    "gear in P",
    "lights",
    "window",
    "doors locked",
    "starter blocked",
)

_CABIN = "Vehicle.Cabin.Door."
_CAR_SHARE = "Vehicle.CarShare."
#: What VSS lacks stands in the overlay `Vehicle.CarShare`. Its rear doors have sides by the driver's:
#: in Japan the right one.
VSS = (
    _CABIN + "Row1.DriverSide.IsOpen",
    _CABIN + "Row1.PassengerSide.IsOpen",
    _CABIN + "Row2.PassengerSide.IsOpen",
    _CABIN + "Row2.DriverSide.IsOpen",
    "Vehicle.Body.Trunk.Rear.IsOpen",
    _CAR_SHARE + "KeyBox.IsKeyPresent",
    _CAR_SHARE + "KeyBox.IsAtReturn",
    "Vehicle.Powertrain.CombustionEngine.IsRunning",
    "Vehicle.IsMoving",
    "Vehicle.Chassis.ParkingBrake.IsEngaged",
    _CAR_SHARE + "Gear.IsInPark",
    _CAR_SHARE + "Lights.IsOn",
    _CAR_SHARE + "Window.IsOpen",
    _CAR_SHARE + "Doors.IsLocked",
    _CAR_SHARE + "Immobilizer.IsEngaged",
)
