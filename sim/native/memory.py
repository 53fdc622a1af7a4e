"""Arrays and records by address, for the compiled engine.

A call in machine code passes a numpy array as seven words, and a dozen of them as a hundred, at every call. So the
engine passes one record that holds addresses, and takes references to other records from there. What is addressed
must be kept alive by the caller (layout.World does).
"""

from __future__ import annotations

from typing import Any

from sim.native.jit import arrayobj, cgutils, intrinsic, ir, types


def _view(typing: Any, address: Any, dtype: Any) -> Any:
    """The array of `dtype` at `address`, without a length of its own."""
    array = types.Array(dtype.dtype, 1, "C")

    def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        made = context.make_array(array)(context, builder)
        item = context.get_data_type(array.dtype)
        size = context.get_constant(types.intp, context.get_abi_sizeof(item))
        data = builder.inttoptr(args[0], item.as_pointer())
        length = [context.get_constant(types.intp, 1 << 40)]
        fill: Any = arrayobj.populate_array
        fill(made, data=data, shape=length, strides=[size], itemsize=size, meminfo=None)
        return made._getvalue()

    return array(types.int64, dtype), code


def _at(typing: Any, address: Any, index: Any, dtype: Any) -> Any:
    """The record number `index` of the array of `dtype` at `address`: a reference, not a copy."""
    record = dtype.dtype

    def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        offset = builder.mul(args[1], context.get_constant(types.int64, record.size))
        return builder.inttoptr(builder.add(args[0], offset), context.get_value_type(record))

    return record(types.int64, types.int64, dtype), code


def _beside(typing: Any, record: Any, steps: Any) -> Any:
    """The record that lies `steps` records after (or before) another one of the same kind, in one array."""

    def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        offset = builder.mul(args[1], context.get_constant(types.int64, record.size))
        address = builder.ptrtoint(args[0], context.get_value_type(types.int64))
        return builder.inttoptr(builder.add(address, offset), context.get_value_type(record))

    return record(record, types.int64), code


def _fetch(typing: Any, record: Any) -> Any:
    """Ask the processor to bring a record near: some events later it will be needed."""

    def code(context: Any, builder: Any, signature: Any, args: Any) -> Any:
        byte, flag = ir.IntType(8), ir.IntType(32)
        kind = ir.FunctionType(ir.VoidType(), [byte.as_pointer(), flag, flag, flag])
        declare: Any = cgutils.get_or_insert_function
        function = declare(builder.module, kind, "llvm.prefetch.p0")
        to_write, keep, data = (ir.Constant(flag, x) for x in (1, 3, 1))
        first = builder.bitcast(args[0], byte.as_pointer())
        for line in range(0, record.size, 64):
            place = builder.gep(first, [ir.Constant(flag, line)], source_etype=byte)
            builder.call(function, [place, to_write, keep, data])
        return context.get_dummy_value()

    return types.none(record), code


view: Any = intrinsic(_view)
at: Any = intrinsic(_at)
beside: Any = intrinsic(_beside)
fetch: Any = intrinsic(_fetch)
