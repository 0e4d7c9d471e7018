"""What people write who come from other tools, or from none: names and forms, with what to write here instead.

Names of Deforum, Disco Diffusion, pytti, Stable Diffusion's web pages, nerdyrodent's and rkhamilton's VQGAN-CLIP, and
aphantasia. Their rates are for a frame and ours for a second, so a name that means the same is said and not taken over.
"""

import re
from collections.abc import Iterable
from typing import Any

from animator import errors

SIZE = "write size: 512x288, width and height in one"
LENGTH = "write duration: {value}s"
COUNT = "write duration: {value}f, which is so many frames"
TURN = "write motion.rotate, in degrees a second: what another tool turns in each frame, times fps"
ZOOM = "write it under motion, as motion.zoom, a factor a second (elsewhere of a frame: that to the power of fps)"
PAN = "write motion.{pan}, in frame {sides} a second; it moves the camera, so the picture goes the other way"
STEPS = "write optimize.steps, and optimize.first_steps for the first frame"
STEP_SIZE = "write optimize.step_size, in units of the generator's own"
ADAM = "leave it out; the optimiser is Adam"
WEIGHT = "give a prompt a weight: prompts: [{{text: the sea, weight: 2}}]"
PUSH = "write a prompt that pushes away: prompts: [the sea, {{text: blurry, weight: -0.5}}]"
ENCODERS = "write guide.encoders, such as guide: {{encoders: {{ViT-B/32: 1}}}}"
GENERATOR = 'write "generator", such as generator: {{type: vqgan, model: imagenet_f16_16384}}'
START = "write generator: {{type: vqgan, start: {{from: image, file: photo.png}}}}"
FLAT = "leave it out; the camera moves over a flat picture"
AUDIO = 'write "audio", such as audio: song.flac'

NAMES = {  # by what is written, in small letters
    **dict.fromkeys(("max_frames", "frames", "num_frames", "n_frames"), COUNT),
    **dict.fromkeys(("length", "seconds", "video_length", "video_seconds", "time"), LENGTH),
    **dict.fromkeys(("w", "h", "width", "height", "width_height", "resolution", "image_size"), SIZE),
    **dict.fromkeys(("frames_per_second", "output_fps", "frame_rate", "framerate", "input_fps"), 'write "fps"'),
    **dict.fromkeys(("batch_name", "title", "project", "output_name"), 'write "name"'),
    **dict.fromkeys(
        ("soundtrack_path", "soundtrack", "input_audio", "music", "song", "sound", "add_soundtrack"), AUDIO
    ),
    "bpm": "write audio.bpm",
    **dict.fromkeys(("angle", "rotate", "rotation", "rotation_3d_z", "rotate_2d", "roll"), TURN),
    **dict.fromkeys(("zoom", "translation_z", "translate_z_3d", "zoom_x_2d", "scale"), ZOOM),
    **dict.fromkeys(("translation_x", "translate_x", "shift_x", "pan_x"), PAN.format(pan="pan_x", sides="widths")),
    **dict.fromkeys(("translation_y", "translate_y", "shift_y", "pan_y"), PAN.format(pan="pan_y", sides="heights")),
    "pan": 'write "pan_x" and "pan_y", in frame widths and heights a second',
    "camera": 'write "motion"',
    **dict.fromkeys(("fov", "fov_schedule", "field_of_view", "near_plane", "far_plane", "midas_weight"), FLAT),
    **dict.fromkeys(("rotation_3d_x", "rotation_3d_y", "rotate_3d", "depth", "use_depth_warping"), FLAT),
    **dict.fromkeys(("diffusion_cadence", "cadence", "turbo_mode", "turbo_steps"), "every frame is painted; " + STEPS),
    **dict.fromkeys(("steps", "steps_per_frame", "iterations", "max_iterations", "steps_per_scene"), STEPS),
    **dict.fromkeys(("save_every", "save_interval", "display_freq"), "every frame is kept; " + STEPS),
    **dict.fromkeys(("learning_rate", "lr", "lrate", "step_size"), STEP_SIZE),
    **dict.fromkeys(("sampler", "scheduler", "optimiser", "optimizer"), ADAM),
    **dict.fromkeys(("cfg_scale", "cfg_scale_schedule", "guidance_scale", "clip_guidance_scale"), WEIGHT),
    **dict.fromkeys(("negative_prompt", "negative_prompts", "animation_prompts_negative"), PUSH),
    **dict.fromkeys(("prompt", "text", "text_prompts", "animation_prompts", "scenes", "topics"), 'write "prompts"'),
    **dict.fromkeys(("cutn", "cutouts", "num_cuts", "samples"), "write guide.cutouts.count"),
    **dict.fromkeys(("cut_pow", "cut_power"), "write guide.cutouts.power"),
    **dict.fromkeys(("clip_models", "clip_model", "encoders", "perceptors", "clip"), ENCODERS),
    **dict.fromkeys(("model", "image_model", "vqgan_model", "vqgan_checkpoint", "vqgan_config"), GENERATOR),
    **dict.fromkeys(("init_image", "initial_image", "init", "image", "use_init"), START),
    **dict.fromkeys(("strength", "strength_schedule", "skip_steps", "init_weight"), START),
    **dict.fromkeys(("tv", "tv_scale", "tv_loss"), 'write "total_variation", under losses'),
    **dict.fromkeys(
        ("smooth", "smoothing_weight", "stabilization", "direct_stabilization_weight"), "write losses: {{drift: 0.3}}"
    ),
}
INSIDE = {  # the same, inside a section, or at the top
    **{("", name): f"write it under output, as output.{name}" for name in ("codec", "crf", "preset")},
    ("motion", "zoom_in"): 'write "zoom", a factor a second, above 1',
    ("motion", "zoom_out"): 'write "zoom", a factor a second, below 1',
    ("audio", "path"): 'write "file"',
    ("output", "quality"): 'write "crf", where lower is better',
    ("output", "format"): 'write "codec"',
    ("optimize", "iterations"): 'write "first_steps" and "steps"',
    ("optimize", "learning_rate"): 'write "step_size", in units of the generator\'s own',
    ("generator", "name"): 'write "type"',
    ("guide", "cutn"): "write cutouts: {{count: 32}}",
}
WEIGHED = re.compile(r"([^|]*?[^|\d\s])\s*:\s*(-?\d+(?:\.\d+)?)\s*(?:\||$)")
STRESSED = re.compile(r"\(([^()]+?):(-?\d+(?:\.\d+)?)\)")
PICTURE = re.compile(r"\S+\.(png|jpe?g|webp)", re.IGNORECASE)
UNIT = re.compile(r"(-?\d+(?:\.\d+)?)\s*(deg|degrees?|°|%|px|x|times|fps)", re.IGNORECASE)


def unknown(kind: str, name: Any, known: Iterable[str], section: tuple[Any, ...] = (), value: Any = "...") -> str:
    """What to say of a name that nobody knows here, in a section of a scene: what it is called here, where another tool
    has it, or else what is spelt alike."""
    written = str(name).strip().casefold().replace("-", "_").replace(" ", "_")
    here = {each.casefold(): each for each in known}
    hint = INSIDE.get((section[-1] if section else "", written)) or NAMES.get(written)
    if written in here:
        hint = f'write "{here[written]}"'
    if not hint:
        return errors.unknown(kind, name, known)
    shown = value if isinstance(value, (int, float)) and not isinstance(value, bool) else 10
    return f"unknown {kind}; {hint.format(value=shown)}"


def in_text(text: str) -> str:
    """What another tool would have read in a prompt, and how it is written here; empty where there is nothing."""
    if PICTURE.fullmatch(text):
        return f"for what is on a picture, write {{image: {text}}}"
    weighed = WEIGHED.findall(text)
    if weighed and (len(weighed) == text.count("|") + 1):
        parts = [f"{{text: {part.strip()}, weight: {weight}}}" for part, weight in weighed]
        return f"for weights, write prompts: [{', '.join(parts)}]"
    if stressed := STRESSED.findall(text):
        rest = STRESSED.sub("", text).strip(" ,")
        parts = [
            *([rest] if rest else []),
            *(f"{{text: {part.strip()}, weight: {weight}}}" for part, weight in stressed),
        ]
        return f"for weights, write prompts: [{', '.join(parts)}]"
    if "--neg" in text:
        wanted, _, unwanted = text.partition("--neg")
        return f"write prompts: [{wanted.strip()}, {{text: {unwanted.strip(' :')}, weight: -0.5}}]"
    if "|" in text:
        return f"for several at once, write prompts: [{', '.join(part.strip() for part in text.split('|'))}]"
    return ""


def number_with_unit(text: str) -> str:
    """What to say of a number with its unit; empty for all else."""
    match = UNIT.fullmatch(text.strip())
    if not match:
        return ""
    number, unit = match[1], match[2].lower()
    if unit.startswith(("deg", "°")):
        return f"a number is expected: write {number}; turns are in degrees a second"
    if unit == "%":
        share = float(number) / 100
        return f"a number is expected: write {1 + share:g} to grow by {number} %, or {share:g} for a share"
    if unit == "px":
        return "a number is expected; moves are in shares of the frame's width or height a second, and not in pixels"
    return f"a number is expected: write {number}"
