"""Films for the fake camera: labels that this program printed, filmed in front of a desk's background."""

from pathlib import Path

import cv2
import numpy as np
import pypdfium2

from tracker.labels import ROLL, DeviceLabel, LabelCaptions, PageCaptions, PupilSlip, device_labels, pupil_slips

WIDTH, HEIGHT, FRAMES_A_SECOND = 1280, 720, 30


def printed_device_label(tag: str, serial: str) -> np.ndarray:
    """The picture of a device's label, from the PDF that logistics prints."""
    label = DeviceLabel(tag, serial, "Lenovo 300e", "Région Normandie", "Assistance : 0 800 97 87 00")
    return _page(device_labels([label], ROLL, captions=LabelCaptions(title="Étiquettes", serial="N/S")), 260)


def printed_slip(code: str, name: str, class_name: str = "2GT1", school: str = "Lycée") -> np.ndarray:
    """The picture of a pupil's slip, cut out of the PDF that the school prints."""
    captions = PageCaptions(title="Bons", printed_on="", page="{page}/{pages}")
    page = _page(pupil_slips([PupilSlip(name, class_name, school, code)], captions=captions), 200)
    return page[: page.shape[0] // 4, : page.shape[1] // 2]


def _page(pdf: bytes, dpi: int) -> np.ndarray:
    return pypdfium2.PdfDocument(pdf)[0].render(scale=dpi / 72).to_numpy()[:, :, :3]


def film(path: Path, *scenes: tuple[np.ndarray | None, float], angle: float = 0.0) -> Path:
    """A motion JPEG of the scenes, (picture or None for an empty desk, seconds) each; Chromium plays it in a loop."""
    with path.open("wb") as file:
        for picture, seconds in scenes:
            frame = _frame(picture, angle)
            for number in range(int(seconds * FRAMES_A_SECOND)):
                file.write(_jpeg(np.roll(frame, number % 3, axis=1)))  # a hand is never quite still
    return path


def _frame(picture: np.ndarray | None, angle: float) -> np.ndarray:
    frame = np.full((HEIGHT, WIDTH, 3), (96, 110, 120), np.uint8)
    if picture is None:
        return frame
    scale = min(0.8 * WIDTH / picture.shape[1], 0.8 * HEIGHT / picture.shape[0], 1.2)
    shown = cv2.resize(picture, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    top, left = (HEIGHT - shown.shape[0]) // 2, (WIDTH - shown.shape[1]) // 2
    frame[top : top + shown.shape[0], left : left + shown.shape[1]] = shown
    turn = cv2.getRotationMatrix2D((WIDTH / 2, HEIGHT / 2), angle, 1)
    return cv2.warpAffine(frame, turn, (WIDTH, HEIGHT), borderValue=(96, 110, 120))


def _jpeg(frame: np.ndarray) -> bytes:
    return cv2.imencode(".jpg", frame, [cv2.IMWRITE_JPEG_QUALITY, 70])[1].tobytes()
