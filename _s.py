import sys; sys.path.insert(0,'tests/workbench/sample_program')
from tests.support import sample
from tests.zelly_infra.evaluations import evaluation_of
from workbench.review.tree import count_by_type
from workbench.review.danger.stakes import *
from workbench.review.architecture.model import architecture
from workbench.review.difference.ignored import TAKEN_OVER
a={}
for s in sample.STACKS:
    e=sample.evaluation_of(s); c=count_by_type(e); print(s,c.total(), len(list(e.custom())))
    a[s]=c
z=set()
for s in ("production","staging"):
    c=count_by_type(evaluation_of(s)); print(s,c.total()); z|=set(c)
print("only zelly", sorted(z-set(a['live'])-set(a['trial'])))
print("only sample", sorted((set(a['live'])|set(a['trial']))-z))
d=architecture(sample.evaluation_of("live"),"ap-south-1")
for n in d.nodes: print(n.name,n.kind,n.facts,n.subnets,n.elastic_ips,d.zones_of(n),d.is_public(n))
for t in d.connections: print((t.source,t.target),t.ports_text)
print(TAKEN_OVER.keys())
print({(r.type,p) for s in sample.STACKS for r in sample.evaluation_of(s).resources for p in r.ignore_changes}^TAKEN_OVER.keys())
