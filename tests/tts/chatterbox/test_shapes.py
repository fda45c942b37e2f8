import pytest
import torch

from rhapsode.tts.chatterbox.shapes import Graphs, bucket, doubling


def test_a_size_is_rounded_up_to_its_bucket():
    assert [bucket(size, (4, 8, 16)) for size in (1, 4, 5, 16)] == [4, 4, 8, 16]
    assert bucket(7, ()) == 7
    with pytest.raises(ValueError, match="17 is larger than the largest bucket, 16"):
        bucket(17, (4, 8, 16))


@pytest.mark.parametrize(
    ("limit", "first", "buckets"),
    [(1, 1, (1,)), (6, 1, (1, 2, 4, 6)), (8, 1, (1, 2, 4, 8)), (1536, 256, (256, 512, 1024, 1536))],
)
def test_buckets_double_up_to_their_limit(limit, first, buckets):
    assert doubling(limit, first) == buckets


def test_without_a_gpu_functions_are_simply_called():
    graphs = Graphs(torch.device("cpu"))
    assert graphs.ready("anything")
    (total,) = graphs.run("sum", lambda a, b: (a + b,), torch.ones(2), torch.ones(2))
    assert total.tolist() == [2, 2]
