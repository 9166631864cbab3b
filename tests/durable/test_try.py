import programs, pytest
from aiida.engine import run_get_node
@pytest.mark.parametrize('wf,out', [('loop',{'x':8.0}),('plain_loop',{'result':8.0}),('collatz',{'steps':8}),('scatter',None)])
def test_x(wf,out):
    res, node = run_get_node(getattr(programs,wf))
    from aiida.cmdline.utils.common import get_workchain_report
    print(get_workchain_report(node,'INFO'), node.exit_status, node.exit_message, node.exception)
    print(res)
    assert node.exit_status==0
    if out: assert {k:v.value for k,v in res.items()}==out
