"""What is seen and heard: counted, named, and checked against what the box says."""

from firmware.wire import codes
from simulator.kernel import Kernel
from simulator.world.signals import FLASHING_US, Signals
from simulator.world.timeline import Timeline


class Scene:
    def __init__(self) -> None:
        self.kernel = Kernel()
        timeline = Timeline(self.kernel)
        self.notes: list[str] = []
        timeline.observers.append(lambda _at_us, what: self.notes.append(what))
        self.signals = Signals(self.kernel, timeline)


def test_hazard_lamps_are_counted_and_flash_between_flashes() -> None:
    scene = Scene()
    signals = scene.signals
    assert not signals.hazards_flash
    for _ in range(2):
        signals.write(codes.OUT_HAZARD, True)
        signals.write(codes.OUT_HAZARD, True)
        scene.kernel.run_until(scene.kernel.now_us + 400_000)
        signals.write(codes.OUT_HAZARD, False)
        scene.kernel.run_until(scene.kernel.now_us + 400_000)
        assert signals.hazards_flash
    assert signals.risen[codes.OUT_HAZARD] == 2
    scene.kernel.run_until(scene.kernel.now_us + FLASHING_US)
    assert not signals.hazards_flash
    assert scene.notes == ["hazard on", "hazard off"] * 2


def test_a_steady_hazard_lamp_counts_as_flashing() -> None:
    scene = Scene()
    scene.signals.write(codes.OUT_HAZARD, True)
    scene.kernel.run_until(10_000_000)
    assert scene.signals.hazards_flash


def test_buzzer_and_voice_sound() -> None:
    scene = Scene()
    heard = []
    for out in (codes.OUT_BUZZER, codes.OUT_VOICE):
        for level in (True, False):
            scene.signals.write(out, level)
            heard.append(scene.signals.sounds)
    assert heard == [True, False, True, False]
    assert scene.notes == ["buzzer on", "buzzer off", "voice on", "voice off"]


def test_the_reader_is_noted_by_pattern_not_by_blink() -> None:
    scene = Scene()
    for level in (True, False, True):
        scene.signals.write(codes.OUT_RED, level)
        scene.signals.show(codes.LAMP_RED_BLINK)
    assert scene.notes == ["reader red-blink"]
    assert scene.signals.lights == 1


def test_lights_that_do_not_fit_the_pattern_are_noted() -> None:
    scene = Scene()
    scene.signals.write(codes.OUT_GREEN, True)
    scene.signals.show(codes.LAMP_RED_BLINK)
    assert scene.notes == ["reader red-blink", "reader's lights do not fit red-blink: 010"]
    scene.signals.all_off()
    assert scene.notes[2:] == ["reader dark"]


def test_three_colours_show_one_at_a_time() -> None:
    scene = Scene()
    for out in (codes.OUT_RED, codes.OUT_GREEN, codes.OUT_YELLOW):
        scene.signals.write(out, True)
        scene.signals.show(codes.LAMP_THREE_COLOUR)
        scene.signals.write(out, False)
    assert scene.notes == ["reader three-colour"]
    scene.signals.show(codes.LAMP_THREE_COLOUR)
    assert scene.notes[-1].startswith("reader's lights do not fit")
