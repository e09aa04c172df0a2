"""Is a file written without Dask the one that xarray writes?"""

from __future__ import annotations

import subprocess
import sys

import h5py
import numpy as np
import pytest
import xarray as xr

from resurge.inference.labelled import Labelled
from resurge.inference.netcdf import in_memory, of_dataset, of_labelled, read_group


@pytest.fixture
def groups():
    """Give datasets with numbers of every kind, text, truth, holes, attributes, and dims with and without labels."""
    rng = np.random.default_rng(1)
    draws = xr.Dataset(
        {
            "mu": (("chain", "draw"), rng.standard_normal((2, 3))),
            "holes": (("chain", "draw", "site"), np.where(np.arange(12).reshape(2, 3, 2) % 2, np.nan, 1.0)),
            "few digits": (("draw",), np.ones(3, dtype=np.float32)),
            "kind": (("site",), np.array(["in bone", "schüttel"], dtype=str)),
            "edges": (("edge",), np.arange(4.0)),
            "nothing": (("site", "none"), np.empty((2, 0))),
            "constant": ((), 3),
        },
        coords={"chain": [0, 1], "draw": np.arange(3), "site": np.array(["bone", "brain"], dtype=str)},
    )
    truth = np.array([[True, False, False]] * 2)
    stats = xr.Dataset({"diverging": (("chain", "draw"), truth), "depth": (("chain", "draw"), np.ones((2, 3), "u8"))})
    return {"posterior": draws, "sample_stats": stats.assign_attrs(made_by="a sampler", version=2)}


def as_stored(path):
    """Describe everything that a file holds."""
    found = {}

    def describe(name, each):
        about = dict(each.attrs) if isinstance(each, h5py.Group) else sorted(each.attrs)
        shape = () if isinstance(each, h5py.Group) else (each.dtype, each.shape, each.is_scale, str(each.fillvalue))
        found[name] = (about, shape)

    with h5py.File(path) as file:
        file.visititems(describe)
    return found


def test_a_file_is_that_of_xarray(groups, tmp_path):
    ours, theirs = tmp_path / "ours.nc", tmp_path / "theirs.nc"
    ours.write_bytes(in_memory({name: of_dataset(each) for name, each in groups.items()}))
    theirs.write_bytes(xr.DataTree.from_dict(groups).to_netcdf(engine="h5netcdf"))
    assert as_stored(ours) == as_stored(theirs)
    for name, dataset in groups.items():
        assert xr.load_dataset(ours, group=name, engine="h5netcdf").identical(dataset)
    assert xr.load_datatree(ours, engine="h5netcdf").identical(xr.load_datatree(theirs, engine="h5netcdf"))


def test_plain_arrays_are_stored_as_a_dataset_is(groups, tmp_path):
    draws = Labelled.of(groups["posterior"])
    assert draws.as_dataset().identical(groups["posterior"])
    ours, theirs = tmp_path / "ours.nc", tmp_path / "theirs.nc"
    ours.write_bytes(in_memory({"posterior": of_labelled(draws)}))
    xr.DataTree.from_dict({"posterior": groups["posterior"]}).to_netcdf(theirs, engine="h5netcdf")
    assert as_stored(ours) == as_stored(theirs)
    assert xr.load_dataset(ours, group="posterior", engine="h5netcdf").identical(groups["posterior"])


def test_what_was_read_is_written_again(groups, tmp_path):
    once, twice = tmp_path / "once.nc", tmp_path / "twice.nc"
    once.write_bytes(xr.DataTree.from_dict(groups).to_netcdf(engine="h5netcdf"))
    twice.write_bytes(in_memory({name: read_group(once, name) for name in groups}))
    assert as_stored(once) == as_stored(twice)
    for name, dataset in groups.items():
        assert xr.load_dataset(twice, group=name, engine="h5netcdf").identical(dataset)


def test_labels_are_told_as_they_were_given(groups, tmp_path):
    path = tmp_path / "once.nc"
    path.write_bytes(xr.DataTree.from_dict(groups).to_netcdf(engine="h5netcdf"))
    found = read_group(path, "posterior").labels
    assert found == {"chain": [0, 1], "draw": [0, 1, 2], "site": ["bone", "brain"]}


def test_neither_xarray_nor_a_scheduler_is_imported():
    program = (
        "import sys, numpy as np\n"
        "from resurge.inference.labelled import Labelled\n"
        "from resurge.inference.netcdf import in_memory, of_labelled\n"
        "in_memory({'a': of_labelled(Labelled({'x': (('y',), np.ones(1))}))})\n"
        "print(sorted({'xarray', 'dask', 'distributed'} & sys.modules.keys()))\n"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert ran.stdout == "[]\n"
