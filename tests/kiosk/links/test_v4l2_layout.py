"""Sizes, offsets and ioctl numbers as the kernel's own header has them, compiled."""

import ctypes
import json
import subprocess
from pathlib import Path

from kiosk.links import v4l2

STRUCTURES = {
    "v4l2_capability": v4l2.Capability,
    "v4l2_fmtdesc": v4l2.FormatDescription,
    "v4l2_frmsizeenum": v4l2.FrameSize,
    "v4l2_frmivalenum": v4l2.FrameInterval,
    "v4l2_pix_format": v4l2.PixelFormat,
    "v4l2_format": v4l2.Format,
    "v4l2_captureparm": v4l2.CaptureParameters,
    "v4l2_streamparm": v4l2.StreamParameters,
    "v4l2_requestbuffers": v4l2.RequestBuffers,
    "v4l2_buffer": v4l2.Buffer,
}
#: fields that the kernel calls otherwise, or that stand for one member of a union
NAMES = {"v4l2_frmsizeenum.size": "discrete", "v4l2_frmivalenum.interval": "discrete"}
NUMBERS = {
    "VIDIOC_QUERYCAP": v4l2.QUERYCAP,
    "VIDIOC_ENUM_FMT": v4l2.ENUM_FMT,
    "VIDIOC_G_FMT": v4l2.G_FMT,
    "VIDIOC_S_FMT": v4l2.S_FMT,
    "VIDIOC_REQBUFS": v4l2.REQBUFS,
    "VIDIOC_QUERYBUF": v4l2.QUERYBUF,
    "VIDIOC_QBUF": v4l2.QBUF,
    "VIDIOC_DQBUF": v4l2.DQBUF,
    "VIDIOC_STREAMON": v4l2.STREAMON,
    "VIDIOC_STREAMOFF": v4l2.STREAMOFF,
    "VIDIOC_S_PARM": v4l2.S_PARM,
    "VIDIOC_ENUM_FRAMESIZES": v4l2.ENUM_FRAMESIZES,
    "VIDIOC_ENUM_FRAMEINTERVALS": v4l2.ENUM_FRAMEINTERVALS,
    "V4L2_BUF_TYPE_VIDEO_CAPTURE": v4l2.CAPTURE,
    "V4L2_MEMORY_MMAP": v4l2.MMAP,
    "V4L2_FIELD_NONE": v4l2.FIELD_NONE,
    "V4L2_CAP_VIDEO_CAPTURE": v4l2.CAP_VIDEO_CAPTURE,
    "V4L2_CAP_STREAMING": v4l2.CAP_STREAMING,
    "V4L2_CAP_DEVICE_CAPS": v4l2.CAP_DEVICE_CAPS,
    "V4L2_FRMSIZE_TYPE_DISCRETE": v4l2.DISCRETE,
    "V4L2_FRMIVAL_TYPE_DISCRETE": v4l2.DISCRETE,
    "V4L2_BUF_FLAG_ERROR": v4l2.BUF_ERROR,
    "V4L2_PIX_FMT_MJPEG": v4l2.fourcc("MJPG"),
    "V4L2_PIX_FMT_YUYV": v4l2.fourcc("YUYV"),
}


def test_every_structure_and_number_is_the_kernels(tmp_path: Path) -> None:
    ours: dict[str, int] = dict(NUMBERS)
    lines = [f'printf("\\"{name}\\": %lu,\\n", (unsigned long){name});' for name in NUMBERS]
    for name, structure in STRUCTURES.items():
        ours[name] = ctypes.sizeof(structure)
        lines.append(f'printf("\\"{name}\\": %zu,\\n", sizeof(struct {name}));')
        for field in structure._fields_:
            key = f"{name}.{field[0]}"
            member = NAMES.get(key, field[0])
            ours[key] = getattr(structure, field[0]).offset
            lines.append(f'printf("\\"{key}\\": %zu,\\n", offsetof(struct {name}, {member}));')
    source = "#include <stdio.h>\n#include <stddef.h>\n#include <linux/videodev2.h>\nint main(void) {\n" + "\n".join(lines)
    (tmp_path / "layout.c").write_text(source + "\nreturn 0; }\n")
    subprocess.run(["gcc", "-o", tmp_path / "layout", tmp_path / "layout.c"], check=True)
    printed = subprocess.run([tmp_path / "layout"], capture_output=True, text=True, check=True).stdout
    assert ours == json.loads("{" + printed.rstrip().rstrip(",") + "}")
    assert len(ours) > 80
