"""The picture of the classes that a network mistakes for each other."""

import numpy as np

from cxv.report.figures.confusion import LEGIBLE, ConfusionPanel, confusion


def test_a_row_is_a_class_and_a_column_what_its_images_were_taken_for() -> None:
    label, predicted = np.array([0, 0, 0, 1]), np.array([0, 2, 2, 1])
    assert confusion(label, predicted, 3).tolist() == [[1, 0, 2], [0, 1, 0], [0, 0, 0]]


def test_colours_are_shares_of_a_class_and_digits_are_counts() -> None:
    panel = ConfusionPanel(("cat", "dog"))
    panel.draw(np.array([[9, 0], [0, 9]]))
    panel.draw(np.array([[3, 1], [0, 0]]))  # no dog
    assert panel.image.get_array().tolist() == [[0.75, 0.25], [0, 0]]
    written = {text.get_position(): text.get_text() for text in panel.axes.texts}
    assert written == {(0, 0): "3", (1, 0): "1"}
    assert [label.get_text() for label in panel.axes.get_yticklabels()] == ["cat", "dog"]


def test_so_many_classes_that_none_could_be_read_have_no_words() -> None:
    names = [str(number) for number in range(LEGIBLE + 1)]
    panel = ConfusionPanel(names)
    panel.draw(np.eye(len(names), dtype=np.int64))
    assert not panel.axes.texts
