import numpy as np

from methods.encoder.copied import copied
from methods.texts import Texts


def test_a_part_is_copied_from_where_its_texts_are_among_the_others():
    outputs = np.array([[0], [1], [2]], dtype=np.float32)
    copy = copied(Texts(["c", "a", "b"]), Texts(["a", "b", "c"]), lambda: outputs)
    part = np.empty((2, 1), dtype=np.float32)
    copy(slice(1, 3), part)
    assert part.tolist() == [[0], [1]]
